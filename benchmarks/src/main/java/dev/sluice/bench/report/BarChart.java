package dev.sluice.bench.report;

import dev.sluice.bench.run.Figure;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Results;
import dev.sluice.bench.run.Work;
import java.awt.Color;
import java.awt.Paint;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.renderer.category.StatisticalBarRenderer;
import org.jfree.data.statistics.DefaultStatisticalCategoryDataset;

/** One figure of one work: a bar for the median of each peer, on it a line as long as its rounds are apart. */
final class BarChart {
    private static final int WIDTH = 640;
    private static final int BAR_HEIGHT = 32;
    private static final int FRAME_HEIGHT = 110;

    private BarChart() {}

    static String of(Results results, Work work, Metric metric) {
        var data = new DefaultStatisticalCategoryDataset();
        for (String peer : results.peers(work)) {
            results.figure(work, peer, metric).ifPresent(figure -> add(data, peer, figure));
        }
        var plot = new CategoryPlot(data, new CategoryAxis(), new NumberAxis(metric.title(work)), renderer());
        plot.setOrientation(PlotOrientation.HORIZONTAL);
        plot.setRangeAxisLocation(AxisLocation.BOTTOM_OR_LEFT);
        var chart = new JFreeChart(work.title(), JFreeChart.DEFAULT_TITLE_FONT, plot, false);
        return Drawing.svg(chart, WIDTH, FRAME_HEIGHT + BAR_HEIGHT * data.getColumnCount());
    }

    private static void add(DefaultStatisticalCategoryDataset data, String peer, Figure figure) {
        data.add(figure.median(), (figure.highest() - figure.lowest()) / 2, "median", peer);
    }

    private static StatisticalBarRenderer renderer() {
        var renderer = new OursStandsOut();
        renderer.setBarPainter(new StandardBarPainter());
        renderer.setShadowVisible(false);
        renderer.setErrorIndicatorPaint(Color.DARK_GRAY);
        renderer.setMaximumBarWidth(0.2);
        return renderer;
    }

    private static final class OursStandsOut extends StatisticalBarRenderer {
        private static final long serialVersionUID = 1;

        @Override
        public Paint getItemPaint(int row, int column) {
            return column == 0 ? Drawing.OURS : Drawing.THEIRS;
        }
    }
}
